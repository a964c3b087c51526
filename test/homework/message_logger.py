"""Edge: prints a line for every face at the edge broker."""
from settings import EDGE_PORT, connect

connect(EDGE_PORT, lambda png: print(f"face of {len(png)} bytes", flush=True)).loop_forever()
