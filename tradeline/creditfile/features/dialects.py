"""How the common text of a statement is written for an engine: one definition, several tongues.

The common text is DuckDB's, and sqlglot writes it for others. What stands here is what sqlglot
cannot know: DuckDB adds whole numbers in 128 bits and refuses what does not fit.
"""

from sqlglot import exp

WIDE = "DECIMAL(38, 0)"
"""Spark's widest whole number; it ends at 10^38, DuckDB's HUGEINT at 1.7 x 10^38."""

WRAPS_AT = "1.7e38"
TOO_LARGE = "The amounts are too large to be added up."
"""What an engine is told to say where it would not notice by itself."""


def written(tree: exp.Expr, dialect: str) -> str:
    """A statement in an engine's dialect."""
    own = {"spark": _wide, "duckdb": _quick}[dialect]
    return own(tree.copy()).sql(dialect=dialect, pretty=True)


def _quick(tree: exp.Expr) -> exp.Expr:
    """The statement for DuckDB, which subtracts dates quicker than it counts the days between."""

    def subtracted(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.DateDiff):
            return exp.Paren(this=exp.Sub(this=node.this, expression=node.expression))
        return node

    return tree.transform(subtracted)


def _wide(tree: exp.Expr) -> exp.Expr:
    """The statement with 128-bit sums and types as decimals; every sum is of whole numbers."""
    for kind in tree.find_all(exp.DataType):
        if kind.this is exp.DataType.Type.INT128:
            kind.replace(exp.DataType.build(WIDE))
    for total in list(tree.find_all(exp.Sum)):
        summed = total.this
        total.set("this", exp.cast(summed.copy(), WIDE))
        if isinstance(summed, exp.Mul):
            _guard(total, summed)
    return tree


def _guard(total: exp.Sum, product: exp.Expr) -> None:
    """Refuse a sum of products beyond 128 bits: Sail's sums of decimals wrap around unnoticed."""
    whole = total.parent if isinstance(total.parent, exp.Filter) else total
    rough = whole.copy()
    for approximate in rough.find_all(exp.Sum):
        # Negative, since Sail takes two sums for one where they differ by casts alone.
        approximate.set("this", exp.Neg(this=exp.cast(product.copy(), "DOUBLE")))
    limit = exp.cast(exp.Literal.string(WRAPS_AT), "DOUBLE")
    refusal = exp.func("RAISE_ERROR", exp.Literal.string(TOO_LARGE))
    guarded = exp.case().when(exp.GTE(this=exp.Abs(this=rough), expression=limit), refusal)
    whole.replace(guarded.else_(whole.copy()))
