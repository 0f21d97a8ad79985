"""What can be wrong with a request for figures."""

from commerce_api.core.errors import AppError


class PeriodInvalid(AppError):
    """The time asked for ends before it begins, or is longer than figures are given for."""

    status = 422
    code = "period_invalid"
