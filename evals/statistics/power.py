"""How many clients a comparison needs."""

from math import ceil, sqrt


def power_of(clients: int, effect: float, *, alpha: float = 0.05) -> float:
    """Return the chance that a paired comparison of so many clients finds a difference.

    By the noncentral t distribution (Cohen 1988, section 2.3.5), two-sided.

    Args:
        clients: each with a mean difference over its sessions; at least 2.
        effect: the true difference in standard deviations of the clients' mean differences (dz).
        alpha: level of the test.
    """
    from scipy import stats

    freedom, shift = clients - 1, abs(effect) * sqrt(clients)
    critical = stats.t.ppf(1 - alpha / 2, freedom)
    beyond = stats.nct.sf(critical, freedom, shift) + stats.nct.cdf(-critical, freedom, shift)
    return float(beyond)


def clients_needed(
    difference: float,
    spread: float,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    tests: int = 1,
) -> int:
    """Return the number of clients with which a true difference is found with a given chance.

    Args:
        difference: to be found, in points of the scale.
        spread: standard deviation of the clients' mean differences, in the same points; a pilot's
            is that of `client_differences`.
        power: the chance to find it.
        alpha: level of the whole family of tests.
        tests: items in the family. Each is planned at `alpha / tests`, the hardest of Holm's steps,
            so that Holm's procedure needs no more clients than this.

    Raises:
        ValueError: if there is no difference or no spread, or the power is not between alpha and 1.
    """
    from scipy import stats

    if difference == 0 or spread <= 0:
        raise ValueError("expected a difference other than 0, and a spread above 0")
    each = alpha / tests
    if not each < power < 1:
        raise ValueError(f"expected a power between {each:g} and 1, got {power:g}")
    effect = abs(difference) / spread
    # The normal approximation is never too high by more than rounding; the t test needs a few more.
    quantiles = float(stats.norm.ppf(1 - each / 2) + stats.norm.ppf(power))
    clients = max(2, ceil((quantiles / effect) ** 2) - 1)
    while power_of(clients, effect, alpha=each) < power:
        clients += 1
    return clients
