"""Operations of Datadog's official client beside searches: audience, datasets."""
