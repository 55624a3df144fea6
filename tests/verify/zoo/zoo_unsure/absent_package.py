import not_installed_anywhere as nia


def loss(w):
    return nia.sum(w**2)


def loss_grad(w):
    return 2 * w
