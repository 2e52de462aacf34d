"""Layer 6, the pages that people of the bank look at: Streamlit on published data, with the rights of who logged in.

It reads what is published and what the store holds; it never opens the warehouse and computes no feature.
"""
