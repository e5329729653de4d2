import jieba
import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from xuntag.data.corpus import bundled
from xuntag.models.features import characters_of, fold, words_of
from xuntag.models.segment import cut
from xuntag.training.baseline import fit_vocabulary

jieba.setLogLevel(60)


def test_words_are_those_of_jieba_on_every_line_of_the_corpus():
    lines = [line for annotated in bundled() for line in annotated.notice.text.split("\n") if line]
    different = [line for line in lines if cut(line) != jieba.lcut(line)]
    assert len(lines) > 5000
    assert different == []


@pytest.mark.parametrize(
    "text", ["2021-36", "0000-7334150", "example.cn", "C++和c#", "AT&T", "--", "&#8226;", "3.5%", "A股B超T恤", ""]
)
def test_words_of_mixed_text_are_those_of_jieba(text):
    assert cut(text) == jieba.lcut(text)


def test_features_are_those_of_scikit_learn():
    fitted = ["固定资产账实不符", "对采购监管不严，程序倒置", "2019年白条入账3.5万元", "学学学学习不深"]
    asked = ["采购采购采购不严", "全未见过字", "", "学习：2024年,账", "固定资产"]
    vocabulary = fit_vocabulary(fitted)
    ours = vocabulary.transform(asked).toarray()
    words = TfidfVectorizer(analyzer=words_of, sublinear_tf=True).fit(fold(fitted))
    grams = TfidfVectorizer(analyzer=characters_of, sublinear_tf=True).fit(fold(fitted))
    theirs_words = words.transform(fold(asked)).toarray()
    theirs_grams = grams.transform(fold(asked)).toarray()
    split = theirs_words.shape[1]
    np.testing.assert_allclose(ours[:, :split], theirs_words, atol=1e-6)
    # Our grams are ordered by key, theirs by string.
    np.testing.assert_allclose(
        np.sort(ours[:, split : split + theirs_grams.shape[1]]), np.sort(theirs_grams), atol=1e-6
    )


def test_numbers_and_masks_are_folded():
    assert fold(["2019年 白条3.5万元，某某医院**局", "", "A\0b1"]) == [
        *fold(["2023年白条12.8万元，*医院某局", ""]),
        "ab0",
    ]
