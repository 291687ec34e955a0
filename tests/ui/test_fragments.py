"""Parts of a page that run again on their own: what they send."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import plotly.graph_objects as go
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from eca_viz.ui.fragments import fragment

    class AllKept(frozenset[str]):
        """The browser keeps each chart that was ever sent."""

        def __contains__(self, one: object) -> bool:
            return True

    context = get_script_run_ctx()
    assert context is not None
    context.cached_message_hashes = AllKept()

    def chart(title: str) -> None:
        figure = go.Figure(go.Bar(y=list(range(9000))), {"title": {"text": title}})
        st.plotly_chart(figure, key=title)

    chart("before")
    fragment(chart)("in the fragment")
    st.fragment(chart)("in Streamlit's own")
    chart("after")


def test_a_fragment_sends_its_charts_whole() -> None:
    """A reference to a chart that the browser keeps would survive the blocks around it.

    Streamlit drops what a fragment left unsent when the fragment runs again, but not references,
    which name no fragment: the browser then has no place for them, and its page ends.
    """
    ran = AppTest.from_function(_page).run()
    assert not ran.exception
    (whole,) = ran.get("plotly_chart")
    assert '"in the fragment"' in whole.proto.spec
    ran.run()
    assert len(ran.get("plotly_chart")) == 1
