"""Messages in the language of the reader: the functions, and the catalogues of translations."""
