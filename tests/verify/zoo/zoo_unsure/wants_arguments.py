import argparse

import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, required=True)
options = parser.parse_args()


def loss(w):
    return options.rate * np.sum(w**2)


def loss_grad(w):
    return 2 * options.rate * w
