"""Networks of timm and torchvision, whose weights are downloaded."""
