//! Which addresses this machine reaches without a gateway.

use std::fs;
use std::net::Ipv4Addr;

/// Whether an address is on a network that this machine is on itself.
pub(crate) fn is_neighbour(address: Ipv4Addr) -> bool {
    is_direct(&fs::read_to_string("/proc/net/route").unwrap_or_default(), address)
}

/// Whether the narrowest route for an address in the kernel's table has no gateway.
fn is_direct(table: &str, address: Ipv4Addr) -> bool {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // Numbers are written as they stand in memory: the address's first byte is the last here.
        let number = |at: usize| u32::from_str_radix(fields.get(at)?, 16).ok().map(u32::swap_bytes);
        let (network, gateway, mask) = (number(1)?, number(2)?, number(7)?);
        (u32::from(address) & mask == network).then_some((mask.count_ones(), gateway == 0 && mask != 0))
    };
    table.lines().skip(1).filter_map(route).max_by_key(|(width, _)| *width).is_some_and(|(_, direct)| direct)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_route_decides() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     br-1\t0000590A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
                     tun0\t0000000A\t0100000A\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n";
        if cfg!(target_endian = "little") {
            assert!(is_direct(table, Ipv4Addr::new(10, 89, 0, 7)));
            assert!(!is_direct(table, Ipv4Addr::new(10, 90, 0, 7)), "behind the tunnel's gateway");
            assert!(!is_direct(table, Ipv4Addr::new(1, 1, 1, 1)), "behind the default gateway");
        }
        assert!(!is_direct("", Ipv4Addr::new(10, 89, 0, 7)));
        let open = "Iface\nppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
        assert!(!is_direct(open, Ipv4Addr::new(1, 1, 1, 1)), "a default route leads anywhere");
    }
}
