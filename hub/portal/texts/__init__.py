"""What the pages say, as data: TOML files of ``key = [zh-CN, en]``."""
