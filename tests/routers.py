"""
Database routers of host projects.
"""

APP_LABELS = {"django_trove", "trove_server"}


class ReplicaRouter:
    """
    Read both apps from a replica, except in a search, which may read from one.
    """

    def db_for_read(self, model, **hints):
        from django_trove.core.database import _reads_replica

        return (
            "replica" if model._meta.app_label in APP_LABELS and not _reads_replica.get() else None
        )

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, *args, **hints):
        return True

    def allow_migrate(self, db, *args, **hints):
        return db == "default"


class LaggingReplicaRouter(ReplicaRouter):
    """
    Read both apps from a replica, in every query.
    """

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label in APP_LABELS else None

    def allow_migrate(self, *args, **hints):
        return True


class UsersRouter:
    """
    Use the database "users" for everything. There is no default database.
    """

    def db_for_read(self, model, **hints):
        return "users"

    def db_for_write(self, model, **hints):
        return "users"
