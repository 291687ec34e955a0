"""The least that an app with charts does, for `tests.ui.measure`: a picker and a few charts.

`streamlit run tests/ui/hello.py`, with `?charts=3` for three.
"""

import plotly.graph_objects as go
import streamlit as st

st.title("Hello")
picked = st.selectbox("Number", range(20))
for number in range(int(st.query_params.get("charts", 1))):
    figure = go.Figure(go.Scatter(y=[picked + number + x % 7 for x in range(100)]))
    st.plotly_chart(figure.update_layout(meta=str(picked)), key=f"chart-{number}")
