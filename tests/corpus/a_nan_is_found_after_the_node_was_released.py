# Anomaly mode looks for nan when the node has let go of what it saved.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.fft.rfft(v0, n=4)
v2 = T.tensor([complex(1.0, 0.0), complex(0.5, float('nan')), complex(1.0, 0.0)])
with T.autograd.set_detect_anomaly(True):
    try:
        v1.backward(v2)
    except Exception as error:
        print(error)
v1.backward(v1)
