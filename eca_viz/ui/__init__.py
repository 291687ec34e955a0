"""The Streamlit front end: state, caches, widgets and pages."""
