from bank360.identity.diminutives import full_names, is_listed


def test_short_forms_of_one_name_share_it() -> None:
    assert set(full_names("bob")) & set(full_names("robbie")) == {"robert"}
    assert set(full_names("chris")) == {"christine", "christopher"}


def test_the_first_of_several_names_decides() -> None:
    assert full_names("tom edward") == full_names("tom")


def test_an_unlisted_name_stands_for_itself() -> None:
    assert full_names("xochitl") == ("xochitl",)
    assert not is_listed("xochitl")
