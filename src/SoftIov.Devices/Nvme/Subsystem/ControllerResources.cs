namespace SoftIov.Devices.Nvme;

/// <summary>What a controller has to work with.</summary>
/// <param name="Queues">Pairs of queues, the admin one among them.</param>
/// <param name="Interrupts">Vectors.</param>
public readonly record struct ControllerResources(int Queues, int Interrupts);
