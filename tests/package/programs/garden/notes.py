def note():
    import torch_package_importer as importer
    return importer.load_text("garden", "notes.txt")
