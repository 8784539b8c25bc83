"""The clock by which everything is told: times are kept with their zone, days are days in Beijing."""

from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
