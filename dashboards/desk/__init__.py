"""The papers of the quality desk: a bulletin by region (数据质量通报) and a sheet for each region (质量单), as pages of the published site."""
