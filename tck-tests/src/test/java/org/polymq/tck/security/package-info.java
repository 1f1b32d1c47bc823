/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who may do what: a server with security on, asked by users with and without permissions through every protocol, and
 * attempts modelled on published attacks on message brokers.
 */
@NullMarked
package org.polymq.tck.security;

import org.jspecify.annotations.NullMarked;
