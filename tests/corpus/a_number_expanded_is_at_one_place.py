# A number that is expanded has strides of zero, also where it becomes one element.
v0 = T.tensor(2.0)
v1 = v0.expand((1,))
v2 = v0.expand((1, 1))
