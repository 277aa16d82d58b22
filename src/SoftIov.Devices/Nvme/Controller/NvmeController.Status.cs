using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>What control code asks; any thread, also while the controller is being disposed.</content>
internal sealed partial class NvmeController
{
    /// <summary>What controller and driver agreed on, just now; after the end, what a controller at power-on shows.</summary>
    public NvmeFunctionStatus Snapshot()
    {
        lock (_gate)
        {
            ControllerState state = _isDisposed ? AtPowerOn : State;
            int queues = 0;
            for (int id = 1; id < QueueLimits.Count; id++)
                queues += state.Submissions[id].Size > 0 ? 1 : 0;
            return new NvmeFunctionStatus
            {
                ControllerId = Id,
                Configuration = state.Configuration,
                ControllerStatus = state.Status,
                IsOnline = IsOnline,
                IsReady = (state.Status & ControllerStatus.Ready) != 0,
                IsFatal = (state.Status & ControllerStatus.Fatal) != 0,
                IoQueues = queues,
                UsesShadowDoorbells = state.ShadowDoorbells != 0,
            };
        }
    }
}
