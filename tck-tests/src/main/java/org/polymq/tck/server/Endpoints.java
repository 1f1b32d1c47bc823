/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

/**
 * Where a running server listens, each as {@code host:port}.
 *
 * @param nameServer RocketMQ name server
 * @param nativePort RocketMQ remoting, and JMS by protocol detection
 * @param mqtt MQTT over TCP
 * @param webSocket MQTT over WebSocket
 * @param dashboard HTTP
 */
public record Endpoints(String nameServer, String nativePort, String mqtt, String webSocket, String dashboard) {
    /** Port of an address of the form {@code host:port}. */
    public static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }
}
