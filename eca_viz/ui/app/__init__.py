"""The script that Streamlit runs; not beside `pages`, which Streamlit would take for its own."""
