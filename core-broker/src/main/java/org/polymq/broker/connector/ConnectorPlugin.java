/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

/**
 * One thing that a connector can be.
 *
 * @param type {@code source} (brings messages), {@code sink} (takes them away), or another word of the kind
 * @param name what a configuration calls it, such as a class
 * @param version as the plugin says
 * @param location the directory or file it comes from
 */
public record ConnectorPlugin(String kind, String type, String name, String version, String location) {}
