"""Codes of the national data specification over whole columns, with their check characters.

Formulas: GB 11714 (organisation code), GB 32100-2015 (unified social credit code), ISO 7064 MOD 37-2 (unified deal code).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = [pow(3, position, 31) for position in range(17)]
_ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]
_DEAL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


def _digits(numbers: Integers, length: int) -> Integers:
    """The decimal digits of each number, one row a number, leading zeros included."""
    powers = 10 ** np.arange(length - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def _padded(numbers: Integers, length: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(length)


def credit_codes(category: str, region_codes: pl.Series, serials: Integers) -> pl.Series:
    """Unified social credit codes (18 characters): two characters of registration category, six of region, nine of organisation, one check."""
    organisation = _digits(serials, 8)
    remainder = (11 - organisation @ np.array(_ORGANISATION_WEIGHTS) % 11) % 11
    organisation_check = np.where(remainder == 10, _CREDIT_ALPHABET.index("X"), remainder)
    count = len(serials)
    head = np.tile([_CREDIT_ALPHABET.index(character) for character in category], (count, 1))
    values = np.hstack([head, _digits(region_codes.cast(pl.Int64).to_numpy(), 6), organisation, organisation_check[:, None]])
    check = (31 - values @ np.array(_CREDIT_WEIGHTS) % 31) % 31
    letters = pl.Series(list(_CREDIT_ALPHABET))
    return category + region_codes + _padded(serials, 8) + letters.gather(organisation_check) + letters.gather(check)


def unified_deal_codes(transaction_class: str, platform_codes: pl.Series, dates: Integers, serials: Integers) -> pl.Series:
    """Unified deal codes with hyphens (40 characters). ``dates`` are yyyymmdd; of ``serials`` the last six digits count."""
    serials = serials % 1_000_000
    weights = np.array([pow(2, 35 - position + 1, 37) for position in range(1, 36)])
    # The platforms are few: their part of the sum is worked out once each.
    platforms = platform_codes.unique().sort()
    head = np.array(
        [
            sum(_DEAL_ALPHABET.index(character) * weight for character, weight in zip(transaction_class + code, weights[:21], strict=True))
            for code in platforms
        ],
        dtype=np.int64,
    )
    sums = head[platforms.search_sorted(platform_codes).to_numpy()] + _digits(dates, 8) @ weights[21:29] + _digits(serials, 6) @ weights[29:]
    check = pl.Series(list(_DEAL_ALPHABET)).gather((38 - sums % 37) % 37)
    return transaction_class + "-" + platform_codes + "-" + _padded(dates, 8) + "-" + _padded(serials, 6) + "-" + check


def tender_project_codes(region_codes: pl.Series, year: int, serials: Integers) -> pl.Series:
    """Codes of tender projects (20 characters): E, region, two digits of the year, eight of the serial, the project's number 001."""
    return "E" + region_codes + f"{year % 100:02d}" + _padded(serials, 8) + "001"


def data_keys(system: str, dataset_number: int, year: int, serials: Integers) -> pl.Series:
    """Keys of exchange messages (22 digits): system (4 digits), data set, first day of the year, serial."""
    return f"{system}{dataset_number:03d}{year}0101" + _padded(serials, 7)
