// As tests/loopback.py: a connection that leaves this machine fails.
"use strict";

const net = require("node:net");

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const { host = "localhost" } = given.flat()[0]; // the options, as fetch passes them
  if (!LOOPBACK.includes(host)) throw new Error(`a test tried to reach ${host}`);
  return connect.apply(this, given);
};
