using System.Text.Json.Nodes;

namespace SoftIov.Api;

/// <summary>Plugs a function into a running QEMU and out of it, by its monitor.</summary>
public static class QemuHotPlug
{
    private const int BridgeClass = 0x0604;

    // A guest acknowledges an unplug after its attention-button delay of 5 s; emulated guests are slow on top.
    private static readonly TimeSpan UnplugTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Plugs the function behind <paramref name="socket"/> into a free root port with room for its <paramref name="bars"/>; returns the port
    /// and what will not work.
    /// </summary>
    public static async Task<(string Bus, IReadOnlyList<string> Warnings)> AddAsync(
        QmpConnection qmp, string deviceId, string socket, IReadOnlyList<PciBar> bars, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> warnings = await CheckMemoryAsync(qmp, cancellationToken).ConfigureAwait(false);
        string bus = await FindFreePortAsync(qmp, deviceId, bars, cancellationToken).ConfigureAwait(false);
        JsonObject device = QemuArguments.Device(deviceId, socket);
        device["bus"] = bus;
        await qmp.ExecuteAsync("device_add", device, cancellationToken).ConfigureAwait(false);
        return (bus, warnings);
    }

    /// <summary>
    /// The same for rings by vhost-user: their socket and network back-end come first, and go again when the device cannot be had.
    /// </summary>
    public static async Task<(string Bus, IReadOnlyList<string> Warnings)> AddAsync(
        QmpConnection qmp, string deviceId, VhostUserDevice rings, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> warnings = await CheckMemoryAsync(qmp, cancellationToken).ConfigureAwait(false);
        string bus = await FindFreePortAsync(qmp, deviceId, [], cancellationToken).ConfigureAwait(false);
        Version version = await VersionOfAsync(qmp, cancellationToken).ConfigureAwait(false);
        await qmp.ExecuteAsync("chardev-add", VhostUserQemu.Socket(deviceId, rings, version), cancellationToken).ConfigureAwait(false);
        try
        {
            await qmp.ExecuteAsync("netdev_add", VhostUserQemu.Net(deviceId, rings), cancellationToken).ConfigureAwait(false);
            JsonObject device = VhostUserQemu.Device(deviceId, rings);
            device["bus"] = bus;
            await qmp.ExecuteAsync("device_add", device, cancellationToken).ConfigureAwait(false);
            return (bus, warnings);
        }
        catch (ControlException)
        {
            await RemoveBackEndAsync(qmp, deviceId, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes what was behind a device that is gone: its network back-end and socket, where there are such.</summary>
    public static async Task RemoveBackEndAsync(QmpConnection qmp, string deviceId, CancellationToken cancellationToken)
    {
        await TryAsync(qmp, "netdev_del", VhostUserQemu.NetId(deviceId), cancellationToken).ConfigureAwait(false);
        await TryAsync(qmp, "chardev-remove", VhostUserQemu.SocketId(deviceId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the guest to let the device go and waits until QEMU has deleted it.</summary>
    public static async Task RemoveAsync(QmpConnection qmp, string deviceId, CancellationToken cancellationToken)
    {
        await qmp.ExecuteAsync("device_del", new JsonObject { ["id"] = deviceId }, cancellationToken).ConfigureAwait(false);
        try
        {
            JsonObject end = await qmp.WaitForEventAsync(
                (name, data) => name is "DEVICE_DELETED" or "DEVICE_UNPLUG_GUEST_ERROR" && data["device"]?.GetValue<string>() == deviceId,
                UnplugTimeout,
                cancellationToken).ConfigureAwait(false);
            if (end["event"]!.GetValue<string>() == "DEVICE_UNPLUG_GUEST_ERROR")
            {
                throw new ControlException(ControlErrorCode.Qemu, $"the guest refused to let {deviceId} go");
            }
        }
        catch (TimeoutException)
        {
            throw ControlException.Because(
                ControlErrorCode.Qemu,
                $"the guest did not let {deviceId} go within {UnplugTimeout.TotalSeconds} s",
                "its kernel must be up and have PCIe hot-plug (pciehp) for the root port");
        }
    }

    private static async Task TryAsync(QmpConnection qmp, string command, string id, CancellationToken cancellationToken)
    {
        try
        {
            await qmp.ExecuteAsync(command, new JsonObject { ["id"] = id }, cancellationToken).ConfigureAwait(false);
        }
        catch (ControlException error) when (error.Code == ControlErrorCode.Qemu)
        {
            // There is none, or it went with the device.
        }
    }

    private static async Task<Version> VersionOfAsync(QmpConnection qmp, CancellationToken cancellationToken)
    {
        JsonNode? answer = await qmp.ExecuteAsync("query-version", null, cancellationToken).ConfigureAwait(false);
        JsonNode? numbers = answer?["qemu"];
        return new Version(numbers?["major"]?.GetValue<int>() ?? 0, numbers?["minor"]?.GetValue<int>() ?? 0);
    }

    private static async Task<IReadOnlyList<string>> CheckMemoryAsync(QmpConnection qmp, CancellationToken cancellationToken)
    {
        var backends = await qmp.ExecuteAsync("query-memdev", null, cancellationToken).ConfigureAwait(false) as JsonArray ?? [];
        foreach (JsonNode? backend in backends)
        {
            if (backend?["share"]?.GetValue<bool>() == false)
            {
                return [$"guest memory '{backend["id"]}' is not shared: the device cannot reach it and loses or corrupts data; " +
                    $"start QEMU with {QemuArguments.SharedMemoryHint}"];
            }
        }

        return backends.Count > 0 ? [] : [$"guest memory has no shared backend: every access goes through QEMU and is slow; " +
            $"start QEMU with {QemuArguments.SharedMemoryHint}"];
    }

    private static async Task<string> FindFreePortAsync(
        QmpConnection qmp, string deviceId, IReadOnlyList<PciBar> bars, CancellationToken cancellationToken)
    {
        var buses = await qmp.ExecuteAsync("query-pci", null, cancellationToken).ConfigureAwait(false) as JsonArray ?? [];
        int ports = 0;
        var small = new List<string>();
        foreach (JsonObject device in Devices(buses))
        {
            if (device["qdev_id"]?.GetValue<string>() == deviceId)
            {
                throw ControlException.Because(
                    ControlErrorCode.Qemu, $"this QEMU has a device {deviceId} already", "detach it first");
            }

            if (device["class_info"]?["class"]?.GetValue<int>() == BridgeClass && device["pci_bridge"] is JsonObject bridge &&
                device["qdev_id"]?.GetValue<string>() is { Length: > 0 } id &&
                await IsHotPlugPortAsync(qmp, id, cancellationToken).ConfigureAwait(false))
            {
                ports++;
                if (bridge["devices"] is JsonArray { Count: > 0 })
                {
                    continue;
                }

                if (PortWindows.Of(bridge) is not { } windows || windows.HaveRoomFor(bars))
                {
                    return id;
                }

                small.Add(windows.ToString());
            }
        }

        if (small.Count > 0)
        {
            throw ControlException.Because(
                ControlErrorCode.Qemu,
                $"no free PCIe root port of this QEMU has room for {deviceId}: it takes {PortWindows.Needs(bars)}, " +
                $"and behind the {small.Count} free firmware left {string.Join("; ", small.Distinct())}",
                $"start QEMU with a port that has room: -device pcie-root-port,id=rp1,chassis=1,slot=1,{PortWindows.Options(bars)} " +
                "(unique chassis and slot); or give the adapter fewer VFs (totalVfs)");
        }

        throw ControlException.Because(
            ControlErrorCode.Qemu,
            ports == 0 ? "this QEMU has no PCIe root port to plug into" : $"all {ports} PCIe root ports of this QEMU are taken",
            "start it with one more: -device pcie-root-port,id=rp1,chassis=1,slot=1 (unique chassis and slot); " +
            "root buses themselves take no hot-plug");
    }

    private static IEnumerable<JsonObject> Devices(JsonArray buses)
    {
        foreach (JsonNode? bus in buses)
        {
            foreach (JsonNode? device in bus?["devices"] as JsonArray ?? [])
            {
                if (device is JsonObject one)
                {
                    yield return one;
                }
            }
        }
    }

    private static async Task<bool> IsHotPlugPortAsync(QmpConnection qmp, string id, CancellationToken cancellationToken)
    {
        try
        {
            var query = new JsonObject { ["path"] = $"/machine/peripheral/{id}", ["property"] = "hotplug" };
            JsonNode? value = await qmp.ExecuteAsync("qom-get", query, cancellationToken).ConfigureAwait(false);
            return value?.GetValue<bool>() == true;
        }
        catch (ControlException error) when (error.Code == ControlErrorCode.Qemu)
        {
            return false; // a bridge without that property: conventional PCI, or a switch port of no use here
        }
    }
}
