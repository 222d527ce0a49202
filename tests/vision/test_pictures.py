"""Folders of photographs: their form, and what is said of one that is wrong."""

import re

import numpy as np
import pytest

from stockbook.vision.pictures import FolderError, collection
from tests.vision.shop import listed, shop


def test_a_folder_says_its_items_and_which_pictures_are_held_back(tmp_path):
    found = collection(shop(tmp_path))
    assert [item.name for item in found.items] == ["Goods 0", "Goods 1", "Goods 2"]
    assert found.upright.tolist() == [False, True, False]
    assert np.bincount(found.labels[found.own]).tolist() == [6, 6, 6]
    assert np.bincount(found.labels[found.held_back]).tolist() == [3, 3, 3]


def test_what_the_graph_exports_is_read_and_a_fifth_of_each_item_held_back(tmp_path):
    shop(tmp_path)
    listed(
        tmp_path / "items.csv", ("item", "name", "category"), [("SKU-0", "Milk", "Dairy"), ("SKU-1", "Soy", "Dairy")]
    )
    listed(
        tmp_path / "pictures.csv",
        ("path", "item", "consent"),
        [(f"{item}-{number}.png", f"SKU-{item}", "yes") for number in range(9) for item in range(2)],
    )
    (tmp_path / "classes.csv").unlink()
    found = collection(tmp_path)
    assert [(item.key, item.family) for item in found.items] == [("SKU-0", "Dairy"), ("SKU-1", "Dairy")]
    assert [found.pictures[at].path for at in found.held_back] == ["0-8.png", "1-8.png"]


def test_cartons_are_known_by_their_folder_where_no_column_says_which_way_is_up(tmp_path):
    shop(tmp_path, items=2)
    (tmp_path / "train" / "Packages").mkdir(parents=True)
    (tmp_path / "0-0.png").rename(tmp_path / "train" / "Packages" / "0-0.png")
    listed(tmp_path / "classes.csv", ("class_id", "name"), [("SKU-0", "Milk"), ("SKU-1", "Apple")])
    rows = [("train/Packages/0-0.png", "SKU-0"), ("1-0.png", "SKU-1")]
    listed(tmp_path / "train.csv", ("path", "class_id"), rows)
    assert collection(tmp_path).upright.tolist() == [True, False]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("classes.csv", None, "neither classes.csv nor items.csv"),
        ("classes.csv", "class_id,name\n", "classes.csv is empty"),
        ("classes.csv", "class_id,name\n1,A\n1,B\n", "classes.csv:3: 1 is there twice"),
        ("train.csv", None, "neither train.csv nor pictures.csv"),
        ("train.csv", "path\n0-0.png\n", "train.csv has no column class_id"),
        ("train.csv", "path,class_id\n0-0.png,X\n", "train.csv:2: no item is known as X"),
        ("train.csv", "path,class_id\n0-0.png\n", "train.csv:2: the line is too short"),
        ("train.csv", "path,class_id\n../x.png,SKU-0\n", "train.csv:2: ../x.png lies outside"),
        ("train.csv", "path,class_id\n0-0.png,SKU-0\n", "no picture to learn Goods 1, Goods 2"),
        ("0-0.png", None, "train.csv:2: 0-0.png is not there"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path, file, content, said):
    spoilt = shop(tmp_path) / file
    spoilt.unlink()
    if content is not None:
        spoilt.write_text(content)
    with pytest.raises(FolderError, match=re.escape(said)):
        collection(tmp_path)


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (shop(tmp_path) / "0-0.png").write_text("not a picture")
    with pytest.raises(FolderError, match=r"0-0\.png is no picture"):
        collection(tmp_path).open(0)
