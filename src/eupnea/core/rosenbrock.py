"""The coefficients of ROS34PW2, a stiffly accurate W-method of order 3(2) with four stages.  [rang2005, table 4.2]

In the paper's form  k_i = h f(y + sum_j alpha_ij k_j) + h J sum_j gamma_ij k_j.  With u = Gamma k one solves
(1/(h gamma) - J) u_i = f(y + sum_j a_ij u_j) + sum_j (c_ij / h) u_j and adds y += sum m_i u_i, error = sum e_i u_i.
"""

from __future__ import annotations

import numpy as np

GAMMA = 4.3586652150845900e-01
_ALPHA = np.zeros((4, 4))
_ALPHA[1, 0] = 8.7173304301691801e-01
_ALPHA[2, :2] = 8.4457060015369423e-01, -1.1299064236484185e-01
_ALPHA[3, :3] = 0.0, 0.0, 1.0
_GAMMAS = np.diag([GAMMA] * 4)
_GAMMAS[1, 0] = -8.7173304301691801e-01
_GAMMAS[2, :2] = -9.0338057013044082e-01, 5.4180672388095326e-02
_GAMMAS[3, :3] = 2.4212380706095346e-01, -1.2232505839045147e00, 5.4526025533510214e-01
_B = np.array([2.4212380706095346e-01, -1.2232505839045147e00, 1.5452602553351020e00, 4.3586652150845900e-01])
_B_HAT = np.array([3.7810903145819369e-01, -9.6042292212423178e-02, 5.0000000000000000e-01, 2.1793326075422950e-01])

_INVERSE = np.linalg.inv(_GAMMAS)
A = _ALPHA @ _INVERSE
C = np.diag(1 / np.diag(_GAMMAS)) - _INVERSE
M = _B @ _INVERSE
E = (_B - _B_HAT) @ _INVERSE
TIME = _ALPHA.sum(axis=1)


def _weights(x: float) -> np.ndarray:
    """Weights of the stages for the value at y(t + x h), to the order 3 that holds for an exact Jacobian.

    They solve the four order conditions at x; at x = 1 they are the method's own.
    """
    beta = _ALPHA + _GAMMAS
    conditions = np.stack([np.ones(4), beta.sum(axis=1), TIME**2, beta @ beta.sum(axis=1)])
    return np.linalg.solve(conditions, np.array([x, x**2 / 2, x**3 / 3, x**3 / 6]))


THIRDS = np.stack([_weights(j / 3) @ _INVERSE for j in range(4)])  # for j thirds of a step, on u
