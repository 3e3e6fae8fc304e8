"""
An index of the words of items. PostgreSQL finds words in it. SQLite scans it, which is faster than
a scan of the items. MySQL has none: its keys are too short.
"""

from typing import Any

from django.db import migrations

from ..index.words import WORDS_VECTOR

COLUMNS = {
    "postgresql": f"USING gin ({WORDS_VECTOR.format('words')})",
    "sqlite": "(owner_id, kind, taken_at_seconds DESC, id DESC, words) WHERE words <> ''",
}


def create_index(apps: Any, schema_editor: Any) -> None:
    columns = COLUMNS.get(schema_editor.connection.vendor)
    if columns:
        schema_editor.execute(f"CREATE INDEX trove_item_words ON trove_server_item {columns}")


def delete_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor in COLUMNS:
        schema_editor.execute("DROP INDEX trove_item_words")


class Migration(migrations.Migration):
    dependencies = [("trove_server", "0001_initial")]
    operations = [
        migrations.RunPython(create_index, delete_index, hints={"model_name": "item"}),
    ]
