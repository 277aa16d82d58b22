using System.Globalization;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Personalities;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Composition;

/// <summary>Adapters and functions as the control protocol shows them, with what all personalities have.</summary>
internal static class AdapterReport
{
    /// <summary>An adapter with its PF and enabled VFs.</summary>
    public static AdapterStatus Of(SoftwareAdapter adapter)
    {
        var functions = new List<FunctionStatus>(adapter.VfCount + 1) { Of(adapter, null)! };
        for (int vf = 0; vf < adapter.VfCount; vf++)
        {
            if (Of(adapter, vf) is { } function)
                functions.Add(function);
        }

        return adapter.Personality.Status(adapter, functions);
    }

    /// <summary>The PF or an enabled VF; null for a VF that a client of the adapter whole disabled just now.</summary>
    public static FunctionStatus? Of(SoftwareAdapter adapter, int? vf) => adapter.Personality.Status(adapter, vf);

    /// <summary>Everything about a function, for people.</summary>
    public static IReadOnlyList<DescribeSection> Describe(SoftwareAdapter adapter, int? vf)
    {
        if (Of(adapter, vf) is not { } status)
            return [];
        var sections = new List<DescribeSection> { new("function", FunctionRows(adapter, status)) };
        if (vf is { } number)
            sections.Add(new("policy", PolicyRows(adapter.Spec, number)));
        return [.. sections, .. adapter.Personality.Sections(status)];
    }

    /// <summary>Everything about an adapter, for people.</summary>
    public static IReadOnlyList<DescribeSection> Describe(SoftwareAdapter adapter)
    {
        AdapterSpec spec = adapter.Spec;
        return
        [
            new("adapter",
            [
                new("name", spec.Name),
                new("personality", PersonalityRules.Of(spec).Word),
                new("totalVfs", Text(spec.TotalVfs)),
                new("numVfs", Text(adapter.VfCount)),
                .. WholeRows(adapter),
                .. adapter.Personality.Rows(),
                new("queuePairs", Text(spec.QueuePairs)),
                new("PF", adapter.Device.PhysicalId.ToString()),
            ]),
            new("isolation", IsolationRows(adapter)),
            .. adapter.Personality.Sections(),
        ];
    }

    private static List<DescribeRow> WholeRows(SoftwareAdapter adapter)
    {
        if (adapter.Whole is not { } whole)
            return [new("whole", "no")];
        List<DescribeRow> rows =
        [
            new("whole", whole.Attachment is { } client ? $"process {client.ProcessId} ({client.Command ?? "unknown"})" : $"at {whole.Path}"),
            new("whole interrupts", PersonalityRules.Of(adapter.Spec).AdapterSettings.First(s => s.Key == "wholeInterrupts").Show(adapter.Spec)),
            new("lease", LeaseOf(whole)),
        ];
        if (whole.Attachment is { } attachment)
            rows.AddRange(MemoryRows(attachment, whole));
        rows.Add(new("lost interrupts", Text(adapter.Device.LostMessages)));
        return rows;
    }

    /// <summary>What was kept from reaching others; the last refusals one by one.</summary>
    private static List<DescribeRow> IsolationRows(SoftwareAdapter adapter)
    {
        SriovAdapter device = adapter.Device;
        List<DescribeRow> rows =
        [
            new("refused DMA and interrupts", Text(device.Faults.Total)),
            new("software errors at the PF", Text(device.SoftwareErrors)),
        ];
        foreach (DmaFault fault in adapter.Refused.Read())
        {
            rows.Add(new(
                $"refused to {fault.Requester}",
                $"{(fault.IsWrite ? "write" : "read")} at 0x{fault.Address:x}: {fault.Reason} (reason {(int)fault.Reason})"));
        }

        if (device.HostFailures > 0)
            rows.Add(new("VFs that could not be made", $"{device.HostFailures}, the last: {device.LastHostFailure?.Message}"));
        return rows;
    }

    private static List<DescribeRow> FunctionRows(SoftwareAdapter adapter, FunctionStatus status)
    {
        AttachmentStatus? attachment = status.Attachment;
        ServedFunction? served = adapter.Served(status.Vf);
        List<DescribeRow> rows =
        [
            new("target", status.Target),
            new("routing id", status.RoutingId),
            .. adapter.Personality.Rows(status),
            new("socket", status.Socket ?? "none"),
            new("transport", TransportOf(served)),
            new("lease", LeaseOf(served)),
            new("attached", attachment is null
                ? "nobody"
                : $"{attachment.By}: process {attachment.ProcessId} ({attachment.Command ?? "unknown"}), user {attachment.UserId}"),
        ];
        if (attachment is not null && served is not null)
        {
            rows.Add(new("since", attachment.Since.ToString("u", CultureInfo.InvariantCulture)));
            rows.AddRange(MemoryRows(attachment, served));
        }

        return rows;
    }

    private static List<DescribeRow> MemoryRows(AttachmentStatus attachment, ServedFunction served) =>
    [
        new("mapped memory", $"{attachment.MappedBytes >> 20} MiB in {served.Endpoint.Dma.Count} mappings"),
        new("bus master", served.Endpoint.Dma.BusMasterEnable ? "on" : "off"),
    ];

    private static string TransportOf(ServedFunction? served) => served switch
    {
        null => "none",
        { IsListening: true } => served.Transport,
        _ => $"{served.Transport}, connects to the front-end",
    };

    private static string LeaseOf(ServedFunction? served) => served switch
    {
        null => "whoever has the adapter whole",
        { Owner: { } owner } => $"user {owner}",
        _ => "root and the daemon's user",
    };

    private static List<DescribeRow> PolicyRows(AdapterSpec adapter, int vf)
    {
        var rows = new List<DescribeRow>();
        foreach (Setting<VfSpec> setting in PersonalityRules.Of(adapter).VfSettings)
            rows.Add(new(setting.Key, setting.Show(adapter.Vf(vf))));
        return rows;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
