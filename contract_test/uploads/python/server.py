"""The upload endpoint as a Python application implements it: Starlette's form with python-multipart, served by uvicorn.

FastAPI applications use the same. It prints its port, and then for each request a line of JSON with what it has read.
"""

import hashlib
import importlib.metadata
import json
import platform
import socket

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse
from starlette.routing import Route

ANSWER = {
  "data": {
    "id": 1,
    "sender_number_id": 1,
    "recipient_user_id": 1,
    "conversation_id": 1,
    "message_id": 1,
    "message_type": "document",
    "content": None,
    "status": "sent",
    "sent_at": "2025-01-10T08:00:00Z",
  }
}
PACKAGES = ("python-multipart", "starlette", "uvicorn")
VERSION = ", ".join([f"Python {platform.python_version()}"] + [f"{p} {importlib.metadata.version(p)}" for p in PACKAGES])


async def messages(request):
  fields, files = {}, []
  async with request.form() as form:
    for name, value in form.multi_items():
      if isinstance(value, UploadFile):
        content = await value.read()
        files.append({
          "field": name,
          "name": value.filename,
          "type": value.content_type,
          "size": len(content),
          "sha256": hashlib.sha256(content).hexdigest(),
        })
      else:
        fields.setdefault(name, []).append(value)
  print(json.dumps({"version": VERSION, "fields": fields, "files": files}), flush=True)
  return JSONResponse(ANSWER, status_code=201)


def main():
  # If the protocol is given, asyncio sends each response without waiting to fill a packet.
  listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
  listener.bind(("127.0.0.1", 0))
  listener.listen()
  app = Starlette(routes=[Route("/api/v1/messages", messages, methods=["POST"])])
  server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
  print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
  server.run(sockets=[listener])


main()
