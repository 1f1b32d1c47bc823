/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

/** A frame with the number that ties a reply to its request; 0 wants no reply. */
public record Envelope(int correlation, Frame frame) {}
