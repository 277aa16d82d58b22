namespace SoftIov.Devices.Nvme;

/// <summary>Fills a data structure about a namespace; it is zero before.</summary>
internal delegate void NamespaceDescription(Namespace space, Span<byte> data);
