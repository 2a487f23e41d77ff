# A server of one trained model, from the packages of the Python registry alone. In a checkout:
#   docker build -f docs/serve.Dockerfile -t kss-mm-serve .
FROM python:3.12-slim
WORKDIR /kss_mm
COPY . .
RUN pip install --no-cache-dir -c tools/constraints.txt '.[mmaction2,mmpretrain,mmcv-lite,lite0,onnx,serve]' \
    # The hosts ask for OpenCV with windows, which needs libraries of a desktop; the same without them takes its place.
    && pip uninstall -y opencv-python opencv-contrib-python \
    && pip install --no-cache-dir --no-deps opencv-python-headless==4.11.0.86
USER nobody
WORKDIR /tmp
ENV HOME=/tmp
EXPOSE 8000
ENTRYPOINT ["kss-mm", "serve", "--host", "0.0.0.0"]
