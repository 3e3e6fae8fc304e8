"""
Queries of model instances that are compiled to SQL once: compiling one takes several times as long
as executing it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import connections, models
from django.db.models.expressions import Expression

M = TypeVar("M", bound=models.Model)


class Parameter(Expression):
    """
    A value that is passed when the query is executed.
    """

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        return "%s", [self]


class CompiledQuery(Generic[M]):
    """
    :param build: returns the queryset, which contains `Parameter`s.
    :param related: names of foreign keys, to load their instances by the same query.
    """

    def __init__(
        self, build: Callable[[], models.QuerySet[M]], related: Sequence[str] = ()
    ) -> None:
        self._build = build
        self._related = related
        self._plans: dict[str, _Plan[M]] = {}

    def first(self, using: str, **values: Any) -> M | None:
        """
        Return the first row of the query, or None.
        """
        plan = self._plans.get(using)
        if plan is None:
            plan = self._plans[using] = _Plan(self._build().using(using), self._related)
        return plan.first(values)


class _Plan(Generic[M]):
    """
    The SQL of a queryset for one database, and the conversion of its rows to instances.
    """

    def __init__(self, rows: models.QuerySet[M], related: Sequence[str]) -> None:
        self.using = rows.db
        self.model = rows.model
        self.names = _attribute_names(rows.model)
        self.related = [(name, _related_model(rows.model, name)) for name in related]
        paths = [
            *self.names,
            *(f"{key}__{name}" for key, model in self.related for name in _attribute_names(model)),
        ]
        compiler = rows.values_list(*paths)[:1].query.get_compiler(using=rows.db)
        self.sql, self.params = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        self.converters = list(compiler.get_converters(columns).items())

    def first(self, values: dict[str, Any]) -> M | None:
        connection = connections[self.using]
        params = [
            param.field.get_db_prep_value(values[param.name], connection)
            if isinstance(param, Parameter)
            else param
            for param in self.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            row = cursor.fetchone()
        if row is None:
            return None
        converted = list(row)
        for index, (functions, expression) in self.converters:
            for convert in functions:
                converted[index] = convert(converted[index], expression, connection)
        return self._build_instance(converted)

    def _build_instance(self, row: list[Any]) -> M:
        instance: M = self.model.from_db(self.using, self.names, row[: len(self.names)])
        start = len(self.names)
        for key, model in self.related:
            names = _attribute_names(model)
            values = row[start : start + len(names)]
            setattr(instance, key, model.from_db(self.using, names, values))
            start += len(names)
        return instance


def _attribute_names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _related_model(model: type[models.Model], name: str) -> type[models.Model]:
    return cast(type[models.Model], model._meta.get_field(name).related_model)
