"""A page of names from outside, each as text and within a sentence that has Markdown of its own."""

import streamlit as st

from eca_viz.ui.components.widgets import plain

NAMES = (
    ":material/home: :material_home: :smile: :streamlit: :red[x]",
    "see http://evil.example/x HTTPS://evil.example www.evil.example me@evil.example",
    "ftp://a.b/c mailto:a@b.c xmpp:a@b.c/d",
    "a&lt;b&#65; <b>x</b> [x](http://evil.example) ![x](a.png)",
    "**x** _y_ ~~z~~ `c` $x$ x^2^ H~2~ a\\b \\",
    "a -> b <- c -- d >= e <= f ~= g <-> h --- i 10:30:20 :a :b c: d:e:f",
    "- item",
    "+ item",
    "12. item",
    "2) item",
    "# heading",
    "> quote",
    "| a | b |",
    "===",
    "---",
)

if __name__ == "__main__":
    for number, name in enumerate(NAMES):
        with st.container(key=f"alone-{number}"):
            st.markdown(plain(name))
        with st.container(key=f"within-{number}"):
            st.markdown(f":material/info: :smile: {plain(name)}.")
