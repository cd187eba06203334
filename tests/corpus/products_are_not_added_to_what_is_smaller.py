# In place nothing is expanded for a product that is added to it, and each of these ops says so in its own words.
v0 = T.ones(3, 2)
v1 = T.ones(2, 4)
v2 = T.ones(4)
try:
    v2.addmm_(v0, v1)
except Exception as error:
    print(error)
v3 = T.ones(())
v4 = T.ones(2)
try:
    v3.addmv_(v0, v4)
except Exception as error:
    print(error)
v5 = T.ones(1)
v6 = T.ones(2, 3, 3)
try:
    v5.baddbmm_(v6, v6)
except Exception as error:
    print(error)
try:
    v5.addr_(v4, v2)
except Exception as error:
    print(error)
v7 = T.ones(1, 1)
try:
    v7.addr_(v4, v2)
except Exception as error:
    print(error)
v8 = T.ones(2, 4)
v8.addr_(v4, v2, beta=0.5)
