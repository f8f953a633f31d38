"""An image classifier behind HTTP, as it is usually written: FastAPI, Pillow and onnxruntime.

POST /classify takes an encoded image and answers {model, top, inferenceMs}, as edgelab's classifier does.
"""

import os
import time

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from classifier import open_model

model, classify = open_model(os.environ["MODEL_DIR"])
app = FastAPI()


def answer(encoded):
    start = time.perf_counter()
    return {"model": model, "top": classify(encoded), "inferenceMs": (time.perf_counter() - start) * 1000}


@app.post("/classify")
async def post(request: Request):
    return await run_in_threadpool(answer, await request.body())


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["HTTP_PORT"]), log_level="error")
