def register(app): pass
def ensure_up(): pass
