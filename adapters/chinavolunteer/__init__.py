"""中国志愿服务网, over its interface."""
