"""`tensor[...]` read and written in all forms agrees with torch: values, graph, layout, gradients, errors."""

from __future__ import annotations

import pytest

from tests.minigrad.differentiated import differences

EXPRESSIONS = r"""
    x[0]
    x[0:1]
    x[:]
    x[...]
    x[None]
    x[True]
    x[False]
    x[i]
    x[b[:2]]
    x[:,b]
    x[i,i]
    x[i,:,i]
    x[0,i]
    x[[0,1]]
    x[[0,1],[0,1]]
    x[0,None,1:]
    x[()]
    x[T.tensor(1)]
    x[T.tensor(True)]
    x[m2,0]
    x[m2]
    x[0,m2[0]]
    x[:,m2[0],1]
    x[i,0]
    x[i,:,0]
    x[0,:,i]
    x[:,0,i]
    x[i,None]
    x[None,i]
    x[i,...,0]
    x[...,i]
    x[i,1:]
    x[1:,i[:1]]
    x[T.tensor([[0,1],[1,0]])]
    x.transpose(0,2)[i]
    x.transpose(0,2)[:,i]
    x.transpose(0,1)[i]
    x.permute(2,0,1)[:,i]
    x.permute(2,0,1)[:,:,i]
    x[:, :]
    x[:, 0:3]
    x[0:2]
    x[1:0]
    x[5:]
    x[0,:]
    x[i,i.unsqueeze(1)]
    x[True,i]
    x[i,True]
    x[:,True]
    x[False,i]
    x[T.tensor(True),i]
    x[0,T.tensor(1)]
    x[:,:,:,None]
    x[i][0]
    x[...,None,0]
    x[-1]
    x[T.tensor([-1])]
    x[T.zeros(0,dtype=T.int64)]
    x[T.zeros(0)]
    x[:,T.zeros(0,3,dtype=T.int64)]
    x[T.zeros(2,3,4,dtype=T.bool)]
    e[T.tensor([0])]
    e[T.zeros(0,dtype=T.int64)]
    x[[True,False],[0]]
    x[[[True,False,True],[False,True,True]]]
    x[[0]*40]
    x[[slice(0,1)]]
    x[['a']]
    x[0,'a']
    x[1.0,0]
    x[0,1.0]
    x[:,:,:,:]
    x[0,5]
    x[:,5]
    x[i,5]
    x[:,-4]
    x[True,5]
    x[i,T.tensor([5,0])]
    x[slice(None,None,None)]
    x[0:1:1]
    x[-5:2]
    x[1:100:3]
    x[3]
    x[0,0,0,0]
    x[2.0]
    x['a']
    s[0]
    s[:]
    x[::-1]
    x[::0]
    x[0:1.5]
    x[T.tensor([5])]
    x[T.tensor([-3])]
    x[T.tensor([1.])]
    x[T.tensor([True])]
    x[T.tensor([[True]])]
    x[i,T.tensor([0,1,2])]
    x[i,i,i,i]
    x[...,...]
    x[[0,5]]
    x[[0,1.5]]
    x[[]]
    x[i.int()]
    x[i.short()]
    x[object()]
    x[{}]
    s[T.tensor(0)]
    s[T.tensor(True)]
    s[None,None]
    s[...]
    s[()]
    x[T.tensor(5)]
    x[T.tensor(1.)]
    x[True,0]
    x[0][True]
    x[[True,False]]
    x[[[0,1]]]
    x[[0,None]]
    x[(0,[0,1])]
    x[range(2)]
    x[slice(T.tensor(0),T.tensor(1))]
    v[ii]
    v[ii[:2]]
    !x[0]=5
    !x[0]=5.
    !x[0]=T.tensor(5.,dtype=x.dtype)
    !x[0]=s
    !x[0]=v
    !x[0]=v.float()
    !x[...]=1
    !x[None]=1
    !x[True]=1
    !x[False]=1
    !x[:]=1
    !x[0,1]=1
    !x[i]=1
    !x[i]=v
    !x[i]=v.float()
    !x[i]=T.tensor(1)
    !x[:,b]=1
    !x[:,b]=v
    !x[m2]=0
    !x[m2]=v
    !x[m2]=T.ones(4,4,dtype=x.dtype)
    !x[m2]=T.ones(3,4,dtype=x.dtype)
    !x[0]=[1,2]
    !x[0]=None
    !x[0]='a'
    !x[0]=1j
    !x[0]=T.ones(2,dtype=x.dtype)
    !x[0]=T.ones(2,2,2,dtype=x.dtype)
    !x[0]=T.ones(1,1,1,4,dtype=x.dtype)
    !x[5]=1
    !x[i]=T.ones(3,dtype=x.dtype)
    !x[i,i]=1
    !x[0][0]=1
    !x[i]=T.ones(1,1,1,1,4,dtype=x.dtype)
    !x[()]=1
    !x[x>0]=0
    !x[:,1:,::2]=v[:2]
    !x[m2,0]=1
    !x[0,i]=1
    !x[True,i]=1
    !x[i]=1j
    !x[i]=True
    !lx[0]=1
    !x[[0,1]]=1
    !x[0:1,[0,1]]=v
    !x[i]+=1
    !x[0]+=1
    !x[0]=x[1]
    !x[i]=x[0]
    !x[:,:2]=x[:,1:]
    !x.unbind(0)[0][0]=1
    !n[0]=1.5; r=n
    !n[n>2]=0; r=n
    !y=x.expand(2,2,3,4); y[0]=1
    !y=x[0]; z=x[0]; y[0]=v; r=z
    x.index_put((i,),w)
    x.index_put((i,),w,accumulate=True)
    x.index_put((T.tensor([0,0]),),w,accumulate=True)
    x.index_put((i,None,T.tensor([1,2])),w[:,:,0])
    x.index_put((None,j),w)
    !x.index_put_((i,),w)
    !x.index_put_((m2,),v,True)
    x.index_put(i,w)
    x.index_put((i,),1.)
"""


@pytest.mark.parametrize("text", [line.strip() for line in EXPRESSIONS.strip().splitlines()])
def test_index_expressions_mean_what_they_mean_in_torch(text: str) -> None:
    assert not differences(text)
