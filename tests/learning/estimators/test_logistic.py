"""Newton's logistic regression against scikit-learn's, and the plain linear model's laws."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bank360.learning.estimators.logistic import LinearModel, fit_linear, fit_logistic, sigmoid


def _data(rows=600, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 4))
    y = (rng.random(rows) < sigmoid(x @ np.array([1.0, -0.5, 0.0, 0.3]) - 1)).astype(float)
    return x, y


@pytest.mark.parametrize("ridge", [0.5, 10.0])
def test_coefficients_equal_scikit_learns(ridge):
    x, y = _data()
    theirs = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, y)
    ours = fit_logistic(x, y, ridge)
    assert ours.coefficients[0] == pytest.approx(theirs.intercept_[0], abs=1e-8)
    assert ours.coefficients[1:] == pytest.approx(theirs.coef_[0], abs=1e-8)


def test_standard_error_of_a_rate_is_the_binomial_one():
    # Intercept only: the log-odds of k of n has variance 1/k + 1/(n - k).
    y = np.repeat([1.0, 0.0], [30, 70])
    fit = fit_logistic(np.empty((100, 0)), y)
    assert fit.coefficients[0] == pytest.approx(np.log(30 / 70))
    assert fit.covariance[0, 0] == pytest.approx(1 / 30 + 1 / 70)


def test_separable_classes_without_a_ridge_are_refused():
    x = np.arange(20.0)[:, None]
    with pytest.raises(ValueError, match="separable"):
        fit_logistic(x, (x[:, 0] > 9).astype(float), max_steps=20)


def test_sigmoid_does_not_overflow():
    assert sigmoid(np.array([-1e308, 0.0, 1e308])).tolist() == [0.0, 0.5, 1.0]


def test_contributions_and_intercept_sum_to_the_margin_also_with_missing_values():
    x, y = _data()
    x[::3, 1] = np.nan
    x[:, 2] = np.nan
    model = fit_linear(x, y, (0, 0, 0, 0))
    assert model.margin(x) == pytest.approx(model.contributions(x).sum(axis=1) + model.base, abs=1e-12)
    assert model.contributions(x).mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-9)


def test_no_coefficient_goes_against_its_expected_sign():
    x, y = _data()
    model = fit_linear(x, y, (-1, -1, 1, 1))  # the first truly goes the other way
    assert model.weight[0] == 0.0
    assert (model.weight[1:] * np.array([-1, 1, 1]) >= 0).all()


def test_a_linear_model_survives_json():
    x, y = _data()
    model = fit_linear(x, y, (0, 0, 0, 0))
    back = LinearModel.from_json(json.loads(json.dumps(model.to_json())))
    assert back.margin(x).tobytes() == model.margin(x).tobytes()
