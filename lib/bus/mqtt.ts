/** MQTT.js, for the bus and for the trial of a broker. */
export { default as mqtt, type IClientOptions, type MqttClient } from "mqtt";
