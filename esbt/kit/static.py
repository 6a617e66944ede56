"""How static files are named in production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Named by content, what scripts import as well: no page mixes two versions of them."""

    support_js_module_import_aggregation = True
