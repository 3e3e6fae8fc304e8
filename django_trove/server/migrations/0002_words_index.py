"""
An index of the words of items. Only PostgreSQL has one; other databases scan the words.
"""

from typing import Any

from django.db import migrations

from ..index.words import WORDS_VECTOR

CREATE = "CREATE INDEX trove_item_words ON trove_server_item USING gin ({})"


def create_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE.format(WORDS_VECTOR.format("words")))


def delete_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX trove_item_words")


class Migration(migrations.Migration):
    dependencies = [("trove_server", "0001_initial")]
    operations = [
        migrations.RunPython(create_index, delete_index, hints={"model_name": "item"}),
    ]
