"""What DAG files and plugins share: assets, the connection to the lake, retries, pools, and the factories of the DAGs.

Imported by DAG files, so importing a module of this package must stay cheap: steps of `klartext` are imported inside
the functions that run in tasks.
"""
